"""The API's operations on cluster settings."""

from ninja import Router

router = Router()
