"""`manage.py ledger_checkpoint`: what the ledger is now, to be kept where nobody here can write."""

import json
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand
from django.core.serializers.json import DjangoJSONEncoder
from django.utils.timezone import now

from devices import ledger


class Command(BaseCommand):
    help = "Print the ledger's size, last hash and the time as JSON, for verify_ledger to hold to."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(json.dumps(asdict(ledger.checkpoint(now())), cls=DjangoJSONEncoder))
