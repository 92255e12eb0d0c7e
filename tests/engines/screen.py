"""A screen that nobody sees, for programs that want one."""

import os
import subprocess

from PIL import Image, ImageGrab

from tests.servers.programs import require


class Screen:
    """An X server of its own for as long as the `with` lasts; it picks a free display."""

    def __init__(self, width: int, height: int) -> None:
        self._size = f"{width}x{height}x24"

    def __enter__(self) -> "Screen":
        program = require("Xvfb")
        reading, writing = os.pipe()
        self._server = subprocess.Popen(
            [program, "-displayfd", str(writing), "-screen", "0", self._size, "-nolisten", "tcp"],
            pass_fds=[writing],
            stderr=subprocess.DEVNULL,
        )
        os.close(writing)
        with os.fdopen(reading) as pipe:
            self.display = f":{pipe.readline().strip()}"
        return self

    def __exit__(self, *_: object) -> None:
        end(self._server)

    def picture(self) -> Image.Image:
        return ImageGrab.grab(xdisplay=self.display)


def end(process: subprocess.Popen[bytes]) -> None:
    """End *process*, politely at first."""
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
