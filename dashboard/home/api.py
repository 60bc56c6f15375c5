"""The API's operations on home."""

from ninja import Router

router = Router()
