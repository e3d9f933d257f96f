"""The box's own certificate authority, and the certificate of its page.

Phones are told once to trust the authority. It can vouch for the box's names and for private addresses only (critical
name constraints, RFC 5280 4.2.1.10): whoever steals the box cannot play a bank with it. The certificate of the page
is short-lived and made anew by itself, also when the router gave the box another address.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address, IPv4Network, IPv6Network, ip_address
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from appliance import clock, whole
from appliance.plain import PlainError
from appliance.tls import Places, hosts

PRIVATE = tuple(IPv4Network(net) for net in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"))  # RFC 1918
ALL_IPV6 = IPv6Network("::/0")  # forbidden, lest a reader takes the permitted addresses to be about IPv4 only
AUTHORITY_LIFE = timedelta(days=20 * 365)
LEAF_LIFE = timedelta(days=90)  # browsers take 398 at most
RENEW_BEFORE = timedelta(days=30)
SLACK = timedelta(days=1)  # a phone whose clock is behind must not call the certificate one of the future


class BadFolder(PlainError):
    """The certificates cannot be kept there; `str()` says why."""


def renew(folder: Path, names: Sequence[str], addresses: Sequence[IPv4Address], now: datetime) -> bool:
    """The certificate in *folder* fits *names* and *addresses* and is fresh; whether it had to be made for that.

    An authority is made when there is none, and when it may not vouch for *names*. Addresses that are not private are
    left out. Raises BadFolder.
    """
    places = Places(folder)
    wanted = (*names, *(str(address) for address in addresses if any(address in net for net in PRIVATE)))
    start = max(now, clock.RELEASED)  # a clock that has not been set yet must not make a certificate of 1970
    try:
        if _vouches_for(places, names) and hosts(folder) == wanted and _is_fresh(places, wanted, start):
            return False
        if not _vouches_for(places, names):
            _make_authority(places, names, start)
        _make_leaf(places, wanted, start)
    except OSError as error:
        raise BadFolder(f"{folder}: cannot be written ({error.strerror}). Run this as the renewer's user.") from error
    return True


def _names(certificate: x509.Certificate) -> tuple[str, ...]:
    found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return tuple(str(name.value) for name in found)


def _read(path: Path) -> x509.Certificate | None:
    try:
        return x509.load_pem_x509_certificate(path.read_bytes())
    except (OSError, ValueError):  # not there, or half of it: it is made again
        return None


def _fits(key_file: Path, certificate: x509.Certificate) -> bool:
    """Whether the two belong together: a power cut may have come between the writing of one and the other."""
    try:
        key = serialization.load_pem_private_key(key_file.read_bytes(), password=None)
    except (OSError, ValueError):
        return False
    return key.public_key() == certificate.public_key()


def _vouches_for(places: Places, names: Sequence[str]) -> bool:
    authority = _read(places.authority)
    if authority is None or not _fits(places.authority_key, authority):
        return False
    permitted = authority.extensions.get_extension_for_class(x509.NameConstraints).value.permitted_subtrees or []
    return set(names) <= {name.value for name in permitted if isinstance(name, x509.DNSName)}


def _is_fresh(places: Places, wanted: tuple[str, ...], start: datetime) -> bool:
    leaf, authority = _read(places.leaf), _read(places.authority)
    return (
        leaf is not None
        and authority is not None
        and _signed(leaf, authority)
        and _names(leaf) == wanted
        and _fits(places.leaf_key, leaf)
        and leaf.not_valid_before_utc <= start <= leaf.not_valid_after_utc - RENEW_BEFORE
    )


def _signed(leaf: x509.Certificate, authority: x509.Certificate) -> bool:
    """Whether *authority* did: it may be new, and the power gone before its first certificate."""
    try:
        leaf.verify_directly_issued_by(authority)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def _make_authority(places: Places, names: Sequence[str], start: datetime) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    # The day is in its name: two boxes, or one that was set up again, are two authorities to a phone.
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"BIN-kast {names[0]} {start:%Y-%m-%d %H:%M}")])
    permitted = [*(x509.DNSName(name) for name in names), *(x509.IPAddress(net) for net in PRIVATE)]
    made = (
        _builder(name, name, key.public_key(), start, AUTHORITY_LIFE)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(signs_certificates=True), critical=True)
        .add_extension(x509.NameConstraints(permitted, excluded_subtrees=[x509.IPAddress(ALL_IPV6)]), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    whole.write(places.authority_key, _private(key), 0o600)
    whole.write(places.authority, made.public_bytes(serialization.Encoding.PEM), 0o644)


def _make_leaf(places: Places, wanted: Sequence[str], start: datetime) -> None:
    authority = x509.load_pem_x509_certificate(places.authority.read_bytes())
    signer = serialization.load_pem_private_key(places.authority_key.read_bytes(), password=None)
    assert isinstance(signer, ec.EllipticCurvePrivateKey)
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, wanted[0])])
    issuer_id = authority.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    made = (
        _builder(name, authority.subject, key.public_key(), start, LEAF_LIFE)
        .add_extension(x509.SubjectAlternativeName([_general(host) for host in wanted]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(issuer_id), critical=False)
        .sign(signer, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    whole.write(places.leaf_key, _private(key), 0o640)
    whole.write(places.leaf, made.public_bytes(pem) + authority.public_bytes(pem), 0o644)
    whole.write(places.server_name, f"server_name {' '.join(wanted)};\n".encode(), 0o644)


def _builder(
    name: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, start: datetime, life: timedelta
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before((start - SLACK).astimezone(UTC))
        .not_valid_after((start + life).astimezone(UTC))
    )


def _key_usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates, key_cert_sign=signs_certificates, crl_sign=signs_certificates,
        content_commitment=False, key_encipherment=False, data_encipherment=False, key_agreement=False,
        encipher_only=False, decipher_only=False,
    )  # fmt: skip


def _general(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _private(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
