"""The keys beside the store, wrapped by its own key where it has one: for checkpoints, for marks of entries, for pages."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from singula.errors import BadInput

SECRET_MODE, FOLDER_MODE = 0o600, 0o700
KEY_BYTES, NONCE_BYTES = 32, 12
MARK = b"SGK1"
SIGNER, FORMER = "audit.key", "audit.former"


@dataclass
class Keys:
    """The secrets in one folder.

    Parameters
    ----------
    folder : Path
        Where they lie.
    key : bytes, optional
        The store's own key; the secrets are then encrypted with it, and plain ones of before are wrapped when first read.
    """

    folder: Path
    key: bytes | None = None

    def secret(self, name: str) -> bytes:
        """Return a secret; made once, readable by its owner alone."""
        path = self.folder / name
        if not path.is_file() and not _beside(path).is_file():
            self.write(name, os.urandom(KEY_BYTES))
        return self.read(name)

    def read(self, name: str) -> bytes:
        """Return what is kept under a name; BadInput where this store's key does not open it."""
        path = self.folder / name
        for place in (path, _beside(path)):
            if place.is_file():
                data = place.read_bytes()
                found = _unwrapped(data, name, self.key)
                if found is not None:
                    if place != path:
                        place.replace(path)
                    elif self.key is not None and not data.startswith(MARK):
                        self.write(name, found)
                    return found
        raise BadInput(f"{path}: cannot be opened with this key; give the --key-file the store was made with")

    def write(self, name: str, data: bytes) -> None:
        """Keep something under a name, whole or not at all."""
        self.prepare(name, data)
        (_beside(self.folder / name)).replace(self.folder / name)

    def prepare(self, name: str, data: bytes) -> None:
        """Write something beside its place; it counts from when what is in place opens no more."""
        self.folder.mkdir(mode=FOLDER_MODE, exist_ok=True)
        self.folder.chmod(FOLDER_MODE)
        place = _beside(self.folder / name)
        handle = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, SECRET_MODE)
        with os.fdopen(handle, "wb") as file:
            file.write(data if self.key is None else _wrapped(data, name, self.key))
            file.flush()
            os.fsync(file.fileno())

    def signer(self) -> Ed25519PrivateKey:
        """Return the key that signs checkpoints."""
        return Ed25519PrivateKey.from_private_bytes(self.secret(SIGNER))

    def former(self) -> tuple[str, ...]:
        """Return the public keys that signed checkpoints before the store's key was rotated."""
        if not (self.folder / FORMER).is_file() and not _beside(self.folder / FORMER).is_file():
            return ()
        return tuple(self.read(FORMER).decode("ascii").split())

    def prepare_next(self, key: bytes) -> None:
        """Write every secret wrapped with the next key beside those of now, with a new key to sign checkpoints."""
        following = Keys(self.folder, key)
        names = [path.name for path in sorted(self.folder.glob("*.key")) if path.name != SIGNER]
        kept = {name: self.read(name) for name in names}
        signed = " ".join((*self.former(), public_of(self.signer())))
        for name, data in {**kept, SIGNER: os.urandom(KEY_BYTES), FORMER: signed.encode("ascii")}.items():
            following.prepare(name, data)

    def adopt_next(self, key: bytes) -> None:
        """Put what was written for the next key into its place."""
        following = Keys(self.folder, key)
        for place in sorted(self.folder.glob("*.next")):
            place.replace(place.with_suffix(""))
        following.secret(SIGNER)


def public_of(signer: Ed25519PrivateKey) -> str:
    """Return the public half of a signing key, in hex."""
    return signer.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()


def _beside(path: Path) -> Path:
    return path.with_name(f"{path.name}.next")


def _cipher(key: bytes) -> AESGCM:
    return AESGCM(HKDF(SHA256(), KEY_BYTES, None, b"singula keys beside the store").derive(key))


def _wrapped(data: bytes, name: str, key: bytes) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    return MARK + nonce + _cipher(key).encrypt(nonce, data, name.encode())


def _unwrapped(data: bytes, name: str, key: bytes | None) -> bytes | None:
    if not data.startswith(MARK):
        return data
    nonce, text = data[len(MARK) : len(MARK) + NONCE_BYTES], data[len(MARK) + NONCE_BYTES :]
    try:
        return _cipher(key).decrypt(nonce, text, name.encode()) if key is not None else None
    except (InvalidTag, ValueError):
        return None
