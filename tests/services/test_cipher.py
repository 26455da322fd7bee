"""A256CBC-HS512 against the test vector of RFC 7518, appendix B.3, and against tampering."""

from __future__ import annotations

import pytest

from integrations.services import cipher

KEY = bytes(range(64))
IV = bytes.fromhex("1af38c2dc2b96ffdd86694092341bc04")
PLAIN = (
    b"A cipher system must not be required to be secret, and it must be able to "
    b"fall into the hands of the enemy without inconvenience"
)
AAD = b"The second principle of Auguste Kerckhoffs"
CIPHERTEXT = bytes.fromhex(
    "4affaaadb78c31c5da4b1b590d10ffbd3dd8d5d302423526912da037ecbcc7bd"
    "822c301dd67c373bccb584ad3e9279c2e6d12a1374b77f077553df829410446b"
    "36ebd97066296ae6427ea75c2e0846a11a09ccf5370dc80bfecbad28c73f09b3"
    "a3b75e662a2594410ae496b2e2e6609e31e6e02cc837f053d21f37ff4f51950b"
    "be2638d09dd7a4930930806d0703b1f6"
)
TAG = bytes.fromhex("4dd3b4c088a7f45c216839645b2012bf2e6269a8c56a816dbc1b267761955bc5")


def test_the_rfc_vector_encrypts_to_its_ciphertext_and_tag() -> None:
    assert cipher.encrypt(KEY, PLAIN, AAD, iv=IV) == IV + CIPHERTEXT + TAG


def test_the_rfc_vector_decrypts_to_its_plain_text() -> None:
    assert cipher.decrypt(KEY, IV + CIPHERTEXT + TAG, AAD) == PLAIN


@pytest.mark.parametrize("length", [0, 1, 15, 16, 17, 4096])
def test_every_length_survives_the_round_trip(length: int) -> None:
    plain = bytes(index % 251 for index in range(length))
    assert cipher.decrypt(KEY, cipher.encrypt(KEY, plain, b"here"), b"here") == plain


def test_the_same_text_never_encrypts_to_the_same_bytes() -> None:
    assert cipher.encrypt(KEY, PLAIN, AAD) != cipher.encrypt(KEY, PLAIN, AAD)


def test_one_flipped_bit_anywhere_is_noticed() -> None:
    sealed = cipher.encrypt(KEY, b"secret", AAD)
    for index in range(len(sealed)):
        changed = bytearray(sealed)
        changed[index] ^= 1
        with pytest.raises(cipher.Tampered):
            cipher.decrypt(KEY, bytes(changed), AAD)


@pytest.mark.parametrize("cut", [0, 1, 32, 47, 63])
def test_a_cut_value_is_noticed(cut: int) -> None:
    sealed = cipher.encrypt(KEY, b"secret", AAD)
    with pytest.raises(cipher.Tampered):
        cipher.decrypt(KEY, sealed[:cut], AAD)


def test_another_place_or_key_does_not_open_it() -> None:
    sealed = cipher.encrypt(KEY, b"secret", b"here")
    with pytest.raises(cipher.Tampered):
        cipher.decrypt(KEY, sealed, b"there")
    with pytest.raises(cipher.Tampered):
        cipher.decrypt(KEY[::-1], sealed, b"here")


def test_bytes_cannot_wander_between_associated_data_and_iv() -> None:
    sealed = cipher.encrypt(KEY, b"secret", b"abc")
    with pytest.raises(cipher.Tampered):
        cipher.decrypt(KEY, b"c" + sealed, b"ab")


def test_a_key_of_the_wrong_length_is_refused() -> None:
    with pytest.raises(ValueError, match="64 bytes"):
        cipher.encrypt(KEY[:32], b"secret", AAD)
