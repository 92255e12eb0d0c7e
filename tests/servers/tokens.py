"""A token endpoint over https that says what it is told to, and remembers what it was asked."""

import json
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs


class TokenEndpoint:
    """Gives the answers in turn, the last one for ever: a status and what it says."""

    def __init__(self, tls: ssl.SSLContext, *answers: tuple[int, Any]) -> None:
        self._tls = tls
        self._answers = list(answers)
        self.asked: list[dict[str, str]] = []
        self.paths: list[str] = []

    def __enter__(self) -> Self:
        endpoint = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                form = parse_qs(self.rfile.read(length).decode())
                endpoint.asked.append({name: values[0] for name, values in form.items()})
                self._answer()

            def do_GET(self) -> None:
                self._answer()

            def _answer(self) -> None:
                endpoint.paths.append(self.path)
                status, said = endpoint._next()
                body = said if isinstance(said, bytes) else json.dumps(said).encode()
                self.send_response(status)
                if 300 <= status < 400:
                    self.send_header("Location", "/elsewhere")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Nobody reads it."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.socket = self._tls.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(target=self._serve, name="token endpoint")
        self._thread.start()
        self.url = f"https://127.0.0.1:{self._server.server_port}/tenant/token"
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _serve(self) -> None:
        self._server.serve_forever(poll_interval=0.02)

    def _next(self) -> tuple[int, Any]:
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
