"""The sandbox as a server on loopback: in a thread for tests, in a process of its own for the command."""

from __future__ import annotations

import socket
from threading import Thread
from typing import TYPE_CHECKING, Any, Final, Self

from infra_checks.sandbox.apis import CREDENTIALS, Apis
from infra_checks.sandbox.refusal import SandboxError

if TYPE_CHECKING:
    from types import TracebackType

    from infra_checks.sandbox.others import Others

HOST: Final = "127.0.0.1"


class Sandbox:
    """A running sandbox; use it as a context manager.

    `endpoint` is what clients take as endpoint_url, `environment` what child processes need. `keeps_others`: types that
    it cannot make are kept as records by their provider schemas, instead of failing the stack; see `others`.
    """

    def __init__(self, port: int = 0, *, keeps_others: bool = False) -> None:
        try:
            from moto.core.config import default_user_config  # noqa: PLC0415 - an optional dependency, and slow
            from moto.moto_server.werkzeug_app import (  # noqa: PLC0415 - as above
                DomainDispatcherApplication,
                create_backend_app,
            )
            from werkzeug.serving import make_server  # noqa: PLC0415 - as above
        except ImportError as error:
            raise SandboxError(f"the sandbox needs {error.name}; pip install 'infra-checks[sandbox]'") from None
        from infra_checks.sandbox.account import Account  # noqa: PLC0415 - needs botocore
        from infra_checks.sandbox.front import FrontDoor  # noqa: PLC0415 - as above
        from infra_checks.sandbox.gaps import close_gaps  # noqa: PLC0415 - as above
        from infra_checks.sandbox.quiet import quiet_handler  # noqa: PLC0415 - as above

        close_gaps()
        for service in ("lambda", "batch"):
            default_user_config[service]["use_docker"] = False
        default_user_config["iam"] = {"load_aws_managed_policies": True}
        self._apis = Apis("")
        self._account = Account(self._apis, _others() if keeps_others else None)
        application = FrontDoor(DomainDispatcherApplication(create_backend_app), self._account, self._stop)
        _check_free(port)
        self._server = make_server(HOST, port, application, threaded=True, request_handler=quiet_handler())
        self.port: int = self._server.server_port
        self._apis.endpoint = self.endpoint
        self._thread: Thread | None = None

    @property
    def endpoint(self) -> str:
        """The address."""
        return f"http://{HOST}:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """Variables by which boto3 and the AWS CLI find the sandbox."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": CREDENTIALS["aws_access_key_id"],
            "AWS_SECRET_ACCESS_KEY": CREDENTIALS["aws_secret_access_key"],
        }

    def client(self, service: str, region: str = "us-east-1") -> Any:  # noqa: ANN401 - boto3 has no types
        """A boto3 client that talks to the sandbox."""
        return self._apis.client(service, region)

    def reset(self) -> None:
        """Forget all stacks and resources."""
        from urllib.request import Request, urlopen  # noqa: PLC0415 - only here

        with urlopen(Request(f"{self.endpoint}/moto-api/reset", method="POST")) as answer:  # noqa: S310 - loopback
            answer.read()

    def _stop(self) -> None:
        self._server.shutdown()

    def serve(self) -> None:
        """Answer requests until the process ends."""
        self._server.serve_forever()

    def __enter__(self) -> Self:
        self._thread = Thread(target=self.serve, daemon=True, name="sandbox")
        self._thread.start()
        self.reset()  # what moto remembers is the process's, not the server's
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()
        self._server.server_close()
        if self._thread is not None:
            self._thread.join()


def _others() -> Others:
    from infra_checks.sandbox.others import Others  # noqa: PLC0415 - only where it is asked for

    return Others()


def _check_free(port: int) -> None:
    """Refuse a port that cannot be opened; werkzeug would end the process."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            raise SandboxError(f"port {port} cannot be opened, something else has it; choose another") from None
