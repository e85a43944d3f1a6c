"""Are Mach-O files sound? Independent of the code that wrote them: python macho.py DIRECTORY

Of every file below the directory: lief's check of its layout, and the hash of each page against the signature, which is
read here by Apple's description of it. Prints what each file says, as JSON, for the caller to compare.
"""

import hashlib
import json
import pathlib
import struct
import sys

import lief


def blobs(data: bytes, signature: int) -> dict:
    magic, _, count = struct.unpack_from(">III", data, signature)
    assert magic == 0xFADE0CC0, hex(magic)
    entries = [struct.unpack_from(">II", data, signature + 12 + 8 * at) for at in range(count)]
    found = {}
    for slot, offset in entries:
        size = struct.unpack_from(">I", data, signature + offset + 4)[0]
        found[slot] = data[signature + offset : signature + offset + size]
        assert len(found[slot]) == size, "a blob beyond the end"
    return found


def check_pages(data: bytes, signature: int) -> str:
    """Compares every hash, and gives the identifier."""
    found = blobs(data, signature)
    directory = found[0]
    fields = struct.unpack_from(">IIIIIIIIIBBBBIIIIQQQQ", directory)
    magic, _, version, flags, hashes, ident, special, count, limit, hash_size, hash_type, _, bits = fields[:13]
    assert (magic, version, flags) == (0xFADE0C02, 0x20400, 2), fields
    assert (hash_size, hash_type, limit) == (32, 2, signature), fields
    page = 1 << bits
    assert count == -(-limit // page), fields
    for at in range(count):
        start = at * page
        wanted = directory[hashes + 32 * at : hashes + 32 * at + 32]
        assert hashlib.sha256(data[start : min(start + page, limit)]).digest() == wanted, f"page {at}"
    for slot in range(1, special + 1):
        wanted = directory[hashes - 32 * slot : hashes - 32 * slot + 32]
        made = hashlib.sha256(found[slot]).digest() if slot in found else bytes(32)
        assert made == wanted, f"special slot {slot}"
    return directory[ident : directory.index(b"\0", ident)].decode()


def describe(path: pathlib.Path) -> dict:
    data = path.read_bytes()
    binary = lief.MachO.parse(str(path)).at(0)
    sound, reason = lief.MachO.check_layout(binary)
    assert sound, f"{path}: {reason}"
    signature = binary.code_signature
    assert signature.data_offset + signature.data_size == len(data), path
    linkedit = binary.get_segment("__LINKEDIT")
    assert linkedit.file_offset + linkedit.file_size == len(data), path
    assert linkedit.virtual_size >= linkedit.file_size, path
    ident = [command.name for command in binary.commands if command.command == lief.MachO.LoadCommand.TYPE.ID_DYLIB]
    return {
        "identifier": check_pages(data, signature.data_offset),
        "id": ident[0] if ident else None,
        "libraries": [library.name for library in binary.libraries if library.name not in ident],
        "rpaths": [rpath.path for rpath in binary.rpaths],
    }


root = pathlib.Path(sys.argv[1])
files = sorted(path for path in root.rglob("*") if path.is_file() and not path.is_symlink())
found = {str(path.relative_to(root)): describe(path) for path in files if path.read_bytes()[:4] == b"\xcf\xfa\xed\xfe"}
print(json.dumps(found, indent=1))
