"""The gateway's signature."""

import hashlib

import pytest

from reference_app.webhooks.signature import is_valid

WPF_PASSWORD = "50fd87e65eb415f42fb5af4c9cf497662e00b785"
SHORTEST_HASH = "sha1"
VECTORS = [
    ("fc6c3c8c0219730c7a099eaa540f70dc", "bogus", "08d01ae1ebdc22b6a1a764257819bb26e9e94e8d"),
    ("130319cfb3bf65ff3c4a4045487b173e", "test123", "1b34dabed996788efcc049567809484454ee8b17"),
    ("44177a21403427eb96664a6d7e5d5d48", "123456", "8aa51f70e3773c2f88d615855acb593d12d7b07f"),
    (
        "38d0ad63e7a56a2c6397438d116bafce",
        "example_password",
        "d8a6e8108df2224763c8f9fb55f7e23c6cc4454b",
    ),
    (
        "0beec7b5ea3f0fdbc95d0dd47f3c5bc275da8a33",
        "123456",
        "9cf4dc63154666b22f3dd41fe6ca916f8fc65228ecbaeae45679c250110cae20",
    ),
    (
        "a459f8781f2fe14a6e787648c146be02",
        "123456",
        (
            "83668773d35b940585c0aaad03e2e9901a0b50f94890d9eb3558e3fb611f8aba"
            "26113434c3d72e30e76f6b90a850d4e20281160f0a4e31fa598982c745019762"
        ),
    ),
    (
        "26aa150ee68b1b2d6758a0e6c44fce4c",
        WPF_PASSWORD,
        (
            "c5219b3d385e74496b2b48a5497b347e102849f10eacd25b062f823bbd11249c"
            "e4e233f031c0ecebc9b691e69d23eb0c1cd65a79621152467b56ac2bf103b512"
        ),
    ),
    (
        "3f760162ef57a829011e5e2379b3fa17",
        WPF_PASSWORD,
        (
            "14519d0db2f7f8f407efccc9b099c5303f55c0262e3b9132e5bcc97f7febf5f9"
            "ab19df03929c1ead271be79807b4086321a023743d2b6b1278c2082b61cf3ff0"
        ),
    ),
]


@pytest.mark.parametrize("signed_id, password, signature", VECTORS)
def test_published_vectors_are_valid(signed_id: str, password: str, signature: str) -> None:
    """Every vector of the gateway's documentation and SDKs is accepted."""
    assert is_valid(signed_id, signature, password)


@pytest.mark.parametrize("signed_id, password, signature", VECTORS)
def test_any_change_is_refused(signed_id: str, password: str, signature: str) -> None:
    """Another password, id, case, length or digit makes a signature invalid."""
    changed_digit = ("0" if signature[0] != "0" else "1") + signature[1:]
    assert not is_valid(signed_id, signature, password.swapcase() + "x")
    assert not is_valid(signed_id + "0", signature, password)
    assert not is_valid(signed_id, signature.upper(), password)
    assert not is_valid(signed_id, signature[:-1], password)
    assert not is_valid(signed_id, signature + " ", password)
    assert not is_valid(signed_id, changed_digit, password)


def test_password_case_matters() -> None:
    """The negative vectors: a password that differs in case only is another password."""
    signed_id, _password, signature = VECTORS[0]
    assert not is_valid(signed_id, signature, "boguS")
    assert not is_valid(VECTORS[-1][0], VECTORS[-1][2], "50Fd" + WPF_PASSWORD[4:])


@pytest.mark.parametrize("signature", ["", "0", "é" * 40, "g" * 40, "\0" * 64])
def test_garbage_is_refused_without_an_error(signature: str) -> None:
    """Whatever stands in the signature's place is answered, not raised on."""
    assert not is_valid("id", signature, "password")


def test_no_password_means_no_valid_signature() -> None:
    """Without a password everybody could sign, so nothing is valid."""
    assert not is_valid("id", hashlib.new(SHORTEST_HASH, b"id").hexdigest(), "")
