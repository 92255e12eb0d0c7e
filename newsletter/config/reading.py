"""Make settings of what newsletter.toml and the environment say; tell every fault of both."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin

import msgspec
from msgspec.structs import FieldInfo, fields

from newsletter.config.relay import Secret
from newsletter.config.sections import Config
from newsletter.errors import Fault, SetupError, suggest

_MENDS = {
    str: "text between quotes",
    int: "a whole number",
    bool: "`true` or `false`, without quotes",
    tuple: 'a list such as `["one", "two"]`',
}


@dataclass(frozen=True, slots=True)
class File:
    """newsletter.toml as written, and what it says."""

    path: Path
    source: str
    values: Mapping[str, Any]


class Reading:
    """One reading of the file and the environment, which wins; faults gather on the way."""

    def __init__(self, file: File, environment: Mapping[str, str]) -> None:
        self._file = file
        self._environment = environment
        self._faults: list[Fault] = []

    def config(self) -> Config:
        """Return all settings; `SetupError` tells whatever is wrong with them."""
        sections = {each.name: each for each in fields(Config)}
        read = {name: self._section(each) for name, each in sections.items()}
        self._refuse_unknown((), self._file.values, sections)
        if self._faults:
            raise SetupError("\n".join(map(str, self._faults)))
        return Config(**{name: each.type(**read[name]) for name, each in sections.items()})

    def place(self, *location: str) -> str:
        """Return the variable that a setting came from, or its file and line."""
        if (variable := _variable(*location)) in self._environment:
            return variable
        return self._line(*location)

    def _line(self, *location: str) -> str:
        return f"{self._file.path}:{_line(self._file.source, location)}"

    def _section(self, section: FieldInfo) -> dict[str, Any]:
        file, variables = self._written(section.name), self._variables(section.name)
        known = {each.encode_name: each for each in fields(section.type)}
        read = {}
        for name, setting in known.items():
            if name in file and setting.type is Secret:
                self._refuse_secret(section.name, name)
                continue
            try:
                if name in variables:
                    read[setting.name] = _from_text(variables[name], setting.type)
                elif name in file:
                    read[setting.name] = _converted(file[name], setting.type, strict=True)
                elif setting.required:
                    raise ValueError(f"missing; add it below `[{section.name}]`")
            except ValueError as fault:
                self._refuse(f"`{section.name}.{name}`: {fault}", section.name, name)
        self._refuse_unknown((section.name,), {**file, **variables}, known)
        return read

    def _written(self, section: str) -> Mapping[str, Any]:
        """Return what the file says in *section*."""
        written = self._file.values.get(section, {})
        if isinstance(written, dict) and _variable(section) not in self._environment:
            return written
        mend = f"write `[{section}]`, and its settings on the lines below"
        if _variable(section) in self._environment:
            mend = f"set its settings one by one (`{_variable(section, 'NAME')}`)"
        self._refuse(f"`{section}` is a section: {mend}", section)
        return {}

    def _variables(self, section: str) -> dict[str, str]:
        """Return what the environment says of *section*."""
        start = _variable(section, "")
        return {
            name.removeprefix(start).lower(): text
            for name, text in self._environment.items()
            if name.startswith(start)
        }

    def _refuse_secret(self, *location: str) -> None:
        """Refuse what the file says, also where the environment says something else."""
        message = (
            f"`{'.'.join(location)}`: a password does not belong in this file; put it in a file of "
            f"its own with mode 0600 and name that in `{location[-1]}_file`, or set "
            f"{_variable(*location)}"
        )
        self._faults.append(Fault(self._line(*location), message))

    def _refuse_unknown(
        self, section: tuple[str, ...], written: Iterable[str], known: Iterable[str]
    ) -> None:
        for name in (name for name in written if name not in known):
            near = suggest(name, known) or f"; there are {', '.join(known)}"
            self._refuse(f"unknown setting `{'.'.join([*section, name])}`{near}", *section, name)

    def _refuse(self, message: str, *location: str) -> None:
        self._faults.append(Fault(self.place(*location), message))


def _from_text(text: str, kind: Any) -> Any:
    """Return what a variable says; lists and tables are written as JSON."""
    if get_origin(_plain(kind)) not in (tuple, dict):
        return _converted(text, kind, strict=False)
    try:
        return _converted(msgspec.json.decode(text), kind, strict=True)
    except (msgspec.DecodeError, UnicodeError):
        raise ValueError(f"write {_mend(text, kind)}") from None


def _converted(value: Any, kind: Any, *, strict: bool) -> Any:
    try:
        found = msgspec.convert(value, kind, strict=strict, dec_hook=lambda make, of: make(of))
    except msgspec.ValidationError:  # it says what it expected; we say what to write
        raise ValueError(f"write {_mend(value, kind)}") from None
    for rule in getattr(kind, "__metadata__", ()):
        found = rule(found) if callable(rule) else found
    return found


def _mend(value: Any, kind: Any) -> str:
    """Return the words for what a setting of *kind* may be; they never repeat *value*."""
    for each in getattr(kind, "__metadata__", ()):
        if isinstance(each, msgspec.Meta) and each.description:
            return each.description
    plain = _plain(kind)
    if get_origin(plain) is Literal:
        known = get_args(plain)
        return " or ".join(f"`{each}`" for each in known) + suggest(str(value), known)
    return _MENDS[get_origin(plain) or plain]


def _plain(kind: Any) -> Any:
    return kind.__origin__ if get_origin(kind) is Annotated else kind


def _variable(*location: str) -> str:
    return "_".join(["NEWSLETTER", *location]).upper()


def _line(source: str, location: tuple[str, ...]) -> int:
    """Return the line of a setting; 1 when it stands nowhere, because it is missing."""
    section, found = "", 1
    for number, text in enumerate(source.split("\n"), 1):
        if heading := re.match(r"\s*\[([^\]]+)\]", text):
            section = heading[1].strip()
            found = number if location[:1] == (section,) else found
        elif location[:1] == (section,) and _names(text, location[1:]):
            return number
    return found


def _names(text: str, location: tuple[str, ...]) -> bool:
    return any(re.match(rf"\s*{re.escape(key)}\s*=", text) for key in location[:1])
