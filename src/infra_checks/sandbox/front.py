"""The server's front door: CloudFormation and Cloud Control are answered here, everything else by moto.

The service is in the scope of the signature, as moto itself tells it.
"""

from __future__ import annotations

import json
import os
import re
import traceback
from io import BytesIO
from threading import RLock, Thread
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl

from infra_checks.sandbox import wire
from infra_checks.sandbox.beanstalk import Beanstalk
from infra_checks.sandbox.cloudformation import CloudFormation
from infra_checks.sandbox.data_api import PATHS, DataApi
from infra_checks.sandbox.failing import place_of
from infra_checks.sandbox.records import CloudControl
from infra_checks.sandbox.refusal import CannotMakeError, RefusedError
from infra_checks.sandbox.tiering import Tiering
from infra_checks.sandbox.vaults import PATH, VaultSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from infra_checks.sandbox.account import Account

Environ = dict[str, Any]
StartResponse = "Callable[[str, list[tuple[str, str]]], Any]"

_SCOPE: Final = re.compile(r"Credential=[^/]+/\d+/(?P<region>[^/]+)/(?P<service>[^/]+)/aws4_request")
OWN_PATH: Final = "/infra-checks/sandbox"
"""What the sandbox answers about itself."""

_PHRASES: Final = {
    200: "OK",
    204: "No Content",
    400: "Bad Request",
    404: "Not Found",
    500: "Internal Server Error",
    501: "Not Implemented",
}


class FrontDoor:
    """A WSGI application before moto's."""

    def __init__(self, moto: Callable[..., Iterable[bytes]], account: Account, stop: Callable[[], None]) -> None:
        self.stop = stop
        self._moto = moto
        self._account = account
        self._lock = RLock()
        self._tiering = Tiering()
        self._vaults = VaultSettings()
        self._data = DataApi(account)

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer a request."""
        if environ.get("PATH_INFO") == OWN_PATH:
            return self._own(environ, start_response)
        if environ.get("PATH_INFO") == "/moto-api/reset":
            self._account.memory.clear()
            self._tiering.clear()
            self._vaults.clear()
            self._data.clear()
        scope = _SCOPE.search(environ.get("HTTP_AUTHORIZATION", ""))
        service = scope["service"] if scope else ""
        if service == "s3" and "intelligent-tiering" in environ.get("QUERY_STRING", ""):
            return self._s3(environ, start_response)
        if scope is not None and service == "backup" and PATH.fullmatch(environ.get("PATH_INFO", "")):
            return self._vault(environ, start_response, scope["region"])
        if scope is not None and service == "rds-data" and environ.get("PATH_INFO") in PATHS:
            status, content = self._data.answer(environ["PATH_INFO"], scope["region"], _body(environ))
            return _send(start_response, status, content, "application/json")
        if scope is None or service not in {"cloudformation", "cloudcontrolapi", "elasticbeanstalk"}:
            return _answered(self._moto, environ, start_response, is_xml=service == "s3")
        body = _body(environ)
        if service == "elasticbeanstalk":
            return self._beanstalk(environ, start_response, scope["region"], body)
        with self._lock:
            if service == "cloudformation":
                status, content = self._cloudformation(scope["region"], body)
                kind = "text/xml"
            else:
                target = environ.get("HTTP_X_AMZ_TARGET", "").rpartition(".")[2]
                status, content = CloudControl(self._account, scope["region"]).answer(target, json.loads(body or "{}"))
                kind = "application/x-amz-json-1.0"
        return _send(start_response, status, content, kind)

    def _own(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Tell that a sandbox is here, or end it."""
        if environ["REQUEST_METHOD"] == "DELETE":
            Thread(target=self.stop).start()  # while this answer is on its way
        told = {"service": "infra-checks sandbox", "process": os.getpid(), "stacks": self._account.memory.count()}
        return _send(start_response, 200, json.dumps(told), "application/json")

    def _vault(self, environ: Environ, start_response: Callable[..., Any], region: str) -> Iterable[bytes]:
        method, path = environ["REQUEST_METHOD"], environ.get("PATH_INFO", "")
        status, content = self._vaults.answer(method, path, region, _body(environ))
        return _send(start_response, status, content, "application/json")

    def _s3(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        method, path = environ["REQUEST_METHOD"], environ.get("PATH_INFO", "")
        status, content = self._tiering.answer(method, path, environ["QUERY_STRING"], _body(environ))
        return _send(start_response, status, content, "application/xml")

    def _beanstalk(
        self, environ: Environ, start_response: Callable[..., Any], region: str, body: str
    ) -> Iterable[bytes]:
        form = dict(parse_qsl(body, keep_blank_values=True))
        operation = wire.operations(service="elasticbeanstalk").get(form.get("Action", ""))
        answer = Beanstalk(self._account, region).operation(operation.name) if operation else None
        if operation is None or answer is None:
            read = environ | {"wsgi.input": BytesIO(body.encode()), "CONTENT_LENGTH": str(len(body.encode()))}
            return _answered(self._moto, read, start_response)
        parameters = wire.parse(form, operation.input_shape) if operation.input_shape else {}
        return _send(start_response, 200, wire.answer(operation, answer(parameters)), "text/xml")

    def _cloudformation(self, region: str, body: str) -> tuple[int, str]:
        form = dict(parse_qsl(body, keep_blank_values=True))
        operation = wire.operations().get(form.get("Action", ""))
        if operation is None:
            return 400, wire.refusal(RefusedError("no such action", code="InvalidAction"))
        try:
            parameters = wire.parse(form, operation.input_shape) if operation.input_shape else {}
            return 200, wire.answer(operation, CloudFormation(self._account, region).answer(operation.name, parameters))
        except RefusedError as error:
            return error.status, wire.refusal(error)
        except CannotMakeError as error:
            return 400, wire.refusal(RefusedError(f"Template validation error: {error}"))
        except Exception as error:  # noqa: BLE001 - a defect of the sandbox, which the caller must see
            text = "".join(traceback.format_exception(error))
            return 500, wire.refusal(RefusedError(f"defect of the sandbox: {text}", code="InternalFailure"))


def _answered(
    moto: Callable[..., Iterable[bytes]],
    environ: Environ,
    start_response: Callable[..., Any],
    *,
    is_xml: bool = False,
) -> Iterable[bytes]:
    """The answer of moto, or an error for an operation that it does not have, or that fails in it.

    Of status 501, which SDKs do not try again as they do 500.
    """
    try:
        return moto(environ, start_response)
    except NotImplementedError as error:
        refused = RefusedError(f"the sandbox cannot do this: {error}", code="NotImplemented")
    except Exception as error:  # noqa: BLE001 - a defect of moto, which the caller must see
        refused = RefusedError(f"moto failed: {place_of(error)}", code="InternalFailure")
    if is_xml or environ.get("CONTENT_TYPE", "").startswith("application/x-www-form-urlencoded"):
        return _send(start_response, 501, wire.refusal(refused), "text/xml")
    content = json.dumps({"__type": refused.code, "message": str(refused)})
    return _send(start_response, 501, content, "application/json")


def _body(environ: Environ) -> str:
    """The request's body; an SDK may send it in chunks with a checksum behind them."""
    stream = environ["wsgi.input"]
    length = environ.get("CONTENT_LENGTH")
    read: bytes = stream.read(int(length)) if length else stream.read() if environ.get("wsgi.input_terminated") else b""
    return read.decode()


def _send(start_response: Callable[..., Any], status: int, content: str, kind: str) -> list[bytes]:
    encoded = content.encode()
    headers = [("Content-Type", kind), ("Content-Length", str(len(encoded)))]
    start_response(f"{status} {_PHRASES[status]}", headers)
    return [encoded]
