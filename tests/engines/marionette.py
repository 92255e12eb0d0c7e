"""Marionette, the protocol by which Mozilla's own tests steer their programs: JSON over TCP."""

import json
import socket
import time
from typing import Any

_ASYNC = """
const done = arguments[arguments.length - 1];
(async () => { %s })().then(value => done({value}), error => done({error: String(error)}));
"""


class Marionette:
    """One session in the privileged world of a program that listens on *port*."""

    def __init__(self, port: int, patience: float) -> None:
        self._socket = _connected(port, patience)
        self._reader = self._socket.makefile("rb")
        self._number = 0
        self._message()  # its greeting
        self._command("WebDriver:NewSession", capabilities={})
        self._command("Marionette:SetContext", value="chrome")

    def run(self, script: str) -> Any:
        """Return what the body of an asynchronous JavaScript function returns."""
        answer = self._command("WebDriver:ExecuteAsyncScript", script=_ASYNC % script, args=[])
        if "error" in answer["value"]:
            raise RuntimeError(answer["value"]["error"])
        return answer["value"].get("value")

    def close(self) -> None:
        self._reader.close()
        self._socket.close()

    def _command(self, name: str, **parameters: object) -> Any:
        self._number += 1
        content = json.dumps([0, self._number, name, parameters]).encode()
        self._socket.sendall(b"%d:%b" % (len(content), content))
        _, _, error, result = self._message()
        if error:
            raise RuntimeError(f"{name}: {error['message']}")
        return result

    def _message(self) -> Any:
        length = b""
        while (octet := self._reader.read(1)) != b":":
            if not octet:
                raise ConnectionError("the program closed the session")
            length += octet
        return json.loads(self._reader.read(int(length)))


def _connected(port: int, patience: float) -> socket.socket:
    last = time.monotonic() + patience
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=patience)
        except ConnectionRefusedError:
            if time.monotonic() > last:
                raise
            time.sleep(0.05)
