"""moto's server, without what makes a call take longer than a function may run, and lets one write undo another."""

import copy
import functools
import gc
import sys
import threading
from types import SimpleNamespace

from moto.dynamodb import models
from moto.server import main

WRITES = ["put_item", "update_item", "delete_item", "transact_write_items"]
one_at_a_time = threading.RLock()


def alone(write):
    """A transaction that fails puts back the whole table, and with it what somebody else has written meanwhile."""

    @functools.wraps(write)
    def written(*arguments, **named):
        with one_at_a_time:
            return write(*arguments, **named)

    return written


def copying_once(transact):
    """To be able to put it back, moto copies the table: once for each item of the transaction, before it writes the first
    of them. The first copy serves for all."""

    def transacted(*arguments, **named):
        copies = {}

        def deepcopy(value):
            if not isinstance(value, models.Table):
                return copy.deepcopy(value)
            if value.name not in copies:
                copies[value.name] = copy.deepcopy(value)
            return copies[value.name]

        models.copy = SimpleNamespace(deepcopy=deepcopy)
        try:
            return transact(*arguments, **named)
        finally:
            models.copy = copy

    return transacted


backend = models.DynamoDBBackend
backend.transact_write_items = copying_once(backend.transact_write_items)
for name in WRITES:
    setattr(backend, name, alone(getattr(backend, name)))

# The tables are what stays for long, and it would stand still to look through them.
gc.set_threshold(700, 10, 1_000_000)

main(sys.argv[1:])
