# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates for tests of TLS. ``trustme`` is imported only when they are created."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

# The name in the certificate for the action wrong_name. It is reserved (RFC 2606).
OTHER_NAME = "elsewhere.example"


@dataclasses.dataclass(frozen=True)
class TlsFiles:
    """Paths of PEM files: the authority for clients, and the certificate (with its chain) and key of the server.

    ``ca_file`` is empty if it is not known. ``other_file`` has the key and certificate for :data:`OTHER_NAME`, by the
    same authority, or is None.
    """

    ca_file: str
    cert_file: str
    key_file: str
    other_file: str | None = None

    def options(self) -> list[str]:
        """Return the options of the simulator's command line."""
        return ["--tls-cert", self.cert_file, "--tls-key", self.key_file]


def write_tls_files(folder: Path, names: Sequence[str]) -> TlsFiles:
    """Create an authority, a certificate for these host names or addresses, and the other certificate.

    With names such as ``["elsewhere.example"]``, the certificate is not valid for 127.0.0.1.
    """
    import trustme

    authority = trustme.CA()
    certificate, other = authority.issue_cert(*names), authority.issue_cert(OTHER_NAME)
    ca_file, cert_file, key_file, other_file = (
        str(folder / name) for name in ("ca.pem", "server.pem", "server.key", "other.pem")
    )
    authority.cert_pem.write_to_path(ca_file)
    certificate.private_key_pem.write_to_path(key_file)
    for index, blob in enumerate(certificate.cert_chain_pems):
        blob.write_to_path(cert_file, append=index > 0)
    other.private_key_and_cert_chain_pem.write_to_path(other_file)
    return TlsFiles(ca_file, cert_file, key_file, other_file)
