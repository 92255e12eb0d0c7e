"""A server that counts: whoever fetches anything from the network while it is the proxy is seen."""

import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Counter:
    """Answers nothing but 404 on a loopback port, and keeps what was asked."""

    def __enter__(self) -> "Counter":
        self.requests: list[str] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self.requests))
        self.port: int = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def as_proxy(self) -> Mapping[str, str]:
        """The environment that sends a program here, whatever address it wants."""
        names = ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
        return dict.fromkeys(names, self.url) | {"no_proxy": "", "NO_PROXY": ""}


def _handler(requests: list[str]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
            requests.append(self.requestline)

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    for method in ("GET", "HEAD", "POST", "CONNECT", "OPTIONS"):
        setattr(Handler, f"do_{method}", lambda self: self.send_error(404))
    return Handler
