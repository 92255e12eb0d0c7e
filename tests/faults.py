"""What can go wrong around a delivery, numbered. Tests name these numbers: `pytest.mark.fault`."""

from collections.abc import Mapping

WIRE, TRUST, MACHINE, INPUT = (
    "On the way to the relay",
    "Encryption and login",
    "Process and machine",
    "What comes in",
)

#: By group, by number: the fault in a few words.
FAULTS: Mapping[str, Mapping[int, str]] = {
    WIRE: {
        1: "The relay refuses connections, or no route leads to it",
        2: "Its name cannot be looked up, or the first address is dead",
        3: "It greets with 421 or 554",
        4: "It greets after a minute",
        5: "It speaks HELO only, and no extension",
        6: "It offers no PIPELINING, or offers it and drops what comes early",
        7: "The line ends after MAIL, RCPT or DATA",
        8: "The line ends after the final dot",
        9: "Silence after the final dot",
        10: "A slow but good reply to the final dot",
        11: "421 in the middle of a batch",
        12: "421 in reply to the final dot",
        13: "A grey list: not now, and later yes",
        14: "One person is unknown: 550 to RCPT",
        15: "We are not wanted: 550 to MAIL, or a refusal for policy",
        16: "Too many messages on one line, or too many recipients",
        17: "RCPT refused and DATA answered 354 in one group",
        18: "251 or 252, a reply of many lines, no enhanced code",
        19: "A reply that is no reply: wrong digits, no end, NULs, megabytes",
        20: "A reply byte by byte, or two replies in one packet",
        21: "A reply that nobody asked for",
        22: "A refusal while the body is still on its way",
        23: "The relay stops reading",
        24: "The relay vanishes without a word, the line half open",
        25: "The line is reset while it rests",
        26: "RSET is never answered after a refusal",
        27: "We are stopped while we wait for the reply to the dot",
        28: "The relay takes the message, and dies before it says so",
        29: "Exim counts commands that are no mail, and words out of turn",
        30: "The relay takes only so many connections",
    },
    TRUST: {
        31: "STARTTLS is not offered, or was cut out on the way",
        32: "Words slipped in behind the reply to STARTTLS",
        33: "A certificate that is expired, of another name or of nobody; old TLS",
        34: "The certificate expires during the send",
        35: "The login is refused: 535",
        36: "The login is refused for now: 454",
        37: "The token expires during the send, or cannot be had",
        38: "A refused token is answered with a riddle: 334",
    },
    MACHINE: {
        39: "kill -9 at any moment, many times",
        40: "Asked to stop once, and again",
        41: "Two senders on one ledger",
        42: "A ledger restored from a backup, or copied to another machine",
        43: "The disk is full",
        44: "The disk fails to write or to flush",
        45: "A read-only disk, no file descriptors, no memory",
        46: "Stopped in time: SIGSTOP, or a laptop that slept",
        47: "The clock jumps a day, or summer time begins",
        48: "The power fails",
        49: "Nobody reads what we print any more",
        50: "One person's mail cannot be made",
    },
    INPUT: {
        51: "Lists in UTF-8 with a mark, UTF-16, Windows-1252, and what is no text",
        52: "A quote that is never closed swallows people",
        53: "Semicolons, tabs, bars, lone CR, NUL, a huge cell",
        54: "One person twice: capitals, spaces, international names",
        55: "What is no address, or only looks like one",
        56: "Odd but legal addresses: quoted, an IP number, non-ASCII",
        57: "Names that would break or forge a header",
        58: "An empty list, or one a hundred times as long as the last",
        59: "A word about a person that the list does not give",
        60: "HTML that cannot travel: long lines, lone dots, bare line ends, NUL, too large",
        61: "A picture that is a bomb, a script or far too large",
        62: "A template that never ends or eats all memory",
        63: "The text is changed after it was approved, or during the send",
        64: "Somebody signs off during the send",
        65: "A scanner follows every link",
        66: "Forged and expired tokens",
        67: "Forged bounces, mail loops, floods of out-of-office replies",
        68: "Stop, another rate, resume, ten times over",
    },
}

_NO_SIGNING_OFF = (
    "Nobody signs off through this program yet: it keeps no list of those who did, puts no link "
    "with a token in a mail and serves no page."
)

#: Why a fault has no test.
NOT_HERE: Mapping[int, str] = {
    64: _NO_SIGNING_OFF,
    65: _NO_SIGNING_OFF,
    66: _NO_SIGNING_OFF,
    67: "No mail is read: bounces and replies go to the mailbox of the sender, to be read there.",
}
