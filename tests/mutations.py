"""Damaged files, made at random from whole ones: the same number makes the same file."""

import random
from collections.abc import Callable

ODD = (
    b'"', b"'", b",", b";", b"\t", b"\r", b"\n", b"\r\n", b"\x00", b"\x1a", b"\x1f", b"\xef\xbb\xbf", b"\xff\xfe", b"\xa0", b"\xc2\xa0",
    b"\xe2\x80\xa8", b"\xed\xa0\x80", b"\xe9", b"=", b"[", b"]", b"{", b"}", b"\\", b"#", b"-", b"%", b"nan", b"inf", b"1e400", b"null",
    b"10000000000000000000", b"9999-12-31", b"0000-00", b"<5", b"[c]", b"#DIV/0!", b"=1+1", b"\xc2\xa3", b" " * 300, b"(" * 300, b"0" * 5000,
)  # fmt: skip

Damage = Callable[[random.Random, bytes], bytes]


def flip_bits(rng: random.Random, content: bytes) -> bytes:
    """One to eight bits are the other way round."""
    changed = bytearray(content)
    for _ in range(rng.randint(1, 8)):
        changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def cut(rng: random.Random, content: bytes) -> bytes:
    """The end, the beginning or a part is missing."""
    first, last = sorted(rng.randrange(len(content) + 1) for _ in range(2))
    return rng.choice([content[:last], content[first:], content[:first] + content[last:]])


def insert(rng: random.Random, content: bytes) -> bytes:
    """Something odd is put in, in one place or in several."""
    for _ in range(rng.randint(1, 4)):
        place = rng.randrange(len(content) + 1)
        content = content[:place] + rng.choice(ODD) + content[place:]
    return content


def repeat(rng: random.Random, content: bytes) -> bytes:
    """A part is there again, somewhere else."""
    first, last, place = *sorted(rng.randrange(len(content) + 1) for _ in range(2)), rng.randrange(len(content) + 1)
    return content[:place] + content[first : min(last, first + 5000)] + content[place:]


def change_lines(rng: random.Random, content: bytes) -> bytes:
    """Lines are left out, written twice, in another order, or run together."""
    lines = content.split(b"\n")
    for _ in range(rng.randint(1, 4)):
        one, other = rng.randrange(len(lines)), rng.randrange(len(lines))
        match rng.randrange(4):
            case 0 if len(lines) > 1:
                del lines[one]
            case 1:
                lines.insert(other, lines[one])
            case 2:
                lines[one], lines[other] = lines[other], lines[one]
            case _:
                lines[one] += lines[other]
    return b"\n".join(lines)


def change_fields(rng: random.Random, content: bytes) -> bytes:
    """Fields of lines hold something odd, or something of another field."""
    lines = content.split(b"\n")
    for _ in range(rng.randint(1, 6)):
        line = rng.randrange(len(lines))
        fields = lines[line].split(b",")
        fields[rng.randrange(len(fields))] = rng.choice([*ODD, b"", rng.choice(fields)])
        lines[line] = b",".join(fields)
    return b"\n".join(lines)


def write_otherwise(rng: random.Random, content: bytes) -> bytes:
    """The whole is in another encoding, with other separators or with other line ends."""
    match rng.randrange(5):
        case 0:
            return content.decode("utf-8", errors="replace").encode(rng.choice(["utf-16", "utf-16-be", "utf-32"]))
        case 1:
            return content.decode("utf-8", errors="replace").encode("cp1252", errors="replace")
        case 2:
            return content.replace(b"\n", rng.choice([b"\r\n", b"\r", b"\n\n", b"\x0b", b"\xe2\x80\xa8"]))
        case 3:
            return content.replace(b",", rng.choice([b";", b"\t", b"|", b",,", b" , "]))
        case _:
            return rng.choice([b"\xef\xbb\xbf", b"\xff\xfe", b"\x1f\x8b\x08", b"PK\x03\x04", b"sep=,\n"]) + content


DAMAGES: tuple[Damage, ...] = (
    flip_bits, cut, insert, repeat, change_lines, change_fields, change_fields, write_otherwise,
)  # fmt: skip


def damaged(seed: int, content: bytes) -> bytes:
    """Return a file with one to three damages: always the same ones for a seed."""
    rng = random.Random(seed)
    for _ in range(rng.choice([1, 1, 1, 2, 2, 3])):
        content = rng.choice(DAMAGES)(rng, content) if content else content
    return content
