# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and signatures may change in any release.

"""A requests adapter whose connections obey a request limit, and are closed after too long an idle time."""

from __future__ import annotations

import http.client
import io
import typing as t

from ansible_collections.fleetops.thingspace.plugins.module_utils._http.request_limit import (
    MeteredReader,
    Stage,
    current_limit,
)

try:
    import requests
    from requests.adapters import HTTPAdapter
    from urllib3.util.connection import allowed_gai_family
except ImportError:
    # Lets tools that only inspect the code import this module.
    HTTPAdapter = object  # type: ignore[assignment,misc]

# Seconds. NATs and load balancers silently drop a connection after 4 to 6 minutes without traffic (350 s at AWS, 240 s
# at Azure), some after 1 or 2. A request on such a connection is not refused; it is never answered.
_MAX_IDLE: t.Final = 60.0


class _MeteredResponse(http.client.HTTPResponse):
    """A response, of the service or to CONNECT, of which every byte is counted."""

    def __init__(self, sock: t.Any, *args: t.Any, **kwargs: t.Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp = io.BufferedReader(MeteredReader(self.fp.detach(), current_limit()))


class _LimitedConnection:
    """Mixin for a connection class of urllib3 1.26 or 2, which have no public hooks for this."""

    response_class = _MeteredResponse
    idle_since = 0.0
    sock: t.Any

    def _new_conn(self: t.Any) -> t.Any:
        sock = current_limit().connect(self._dns_host, self.port, allowed_gai_family(), self.socket_options or ())
        current_limit().stage = Stage.HANDSHAKE if self.proxy is None else Stage.AT_PROXY
        return sock

    def _tunnel(self) -> None:
        current_limit().is_tunneling = True
        super()._tunnel()  # type: ignore[misc]
        current_limit().is_tunneling = False
        current_limit().stage = Stage.HANDSHAKE

    def send(self: t.Any, data: t.Any) -> None:
        """Send the data. A reused connection is tracked from here on."""
        if self.sock is None:
            self.connect()
        elif current_limit().stage is Stage.RESOLVING:
            current_limit().track(self.sock, is_new=False)
        # The CONNECT request to a proxy is sent through here as well.
        if not current_limit().is_tunneling:
            current_limit().stage = Stage.SENT
        super().send(data)  # type: ignore[misc]


class _LimitedSocksConnection(_LimitedConnection):
    def _new_conn(self) -> t.Any:
        # PySocks resolves, connects and negotiates in one call.
        current_limit().stage = Stage.AT_PROXY
        sock = super(_LimitedConnection, self)._new_conn()  # type: ignore[misc]
        current_limit().track(sock, is_new=True)
        current_limit().stage = Stage.HANDSHAKE
        return sock


class _FreshPool:
    """Mixin for a connection pool of urllib3."""

    def _get_conn(self, timeout: t.Any = None) -> t.Any:
        connection = super()._get_conn(timeout)  # type: ignore[misc]
        idle = current_limit().monotonic() - connection.idle_since
        if connection.sock is not None and (current_limit().needs_new_connection or idle > _MAX_IDLE):
            # urllib3 reconnects on the next request.
            connection.close()
        return connection

    def _put_conn(self, connection: t.Any) -> None:
        if connection is not None:
            connection.idle_since = current_limit().monotonic()
        super()._put_conn(connection)  # type: ignore[misc]


def _limited_pool(pool: t.Any, mixin: type) -> t.Any:
    connection = type(f"Limited{pool.ConnectionCls.__name__}", (mixin, pool.ConnectionCls), {})
    return type(f"Limited{pool.__name__}", (_FreshPool, pool), {"ConnectionCls": connection})


def _limit_pools(manager: t.Any, mixin: type) -> None:
    pools = manager.pool_classes_by_scheme
    manager.pool_classes_by_scheme = {scheme: _limited_pool(pool, mixin) for scheme, pool in pools.items()}


class LimitedAdapter(HTTPAdapter):
    """An HTTPAdapter with limits, direct and through proxies. Works only inside C(RequestLimit.run_within)."""

    def init_poolmanager(self, *args: t.Any, **kwargs: t.Any) -> None:
        """Limit every direct connection."""
        super().init_poolmanager(*args, **kwargs)
        _limit_pools(self.poolmanager, _LimitedConnection)

    def proxy_manager_for(self, proxy: t.Any, **kwargs: t.Any) -> t.Any:
        """Limit every connection through a proxy."""
        is_known = proxy in self.proxy_manager
        manager = super().proxy_manager_for(proxy, **kwargs)
        if not is_known:
            _limit_pools(manager, _LimitedSocksConnection if proxy.lower().startswith("socks") else _LimitedConnection)
        return manager

    def build_response(self, req: t.Any, resp: t.Any) -> requests.Response:
        """A response without its cookies: those of a load balancer would tie a wait to a node that has died."""
        response = requests.Response()
        response.status_code, response.headers, response.raw = resp.status, resp.headers, resp
        return response
