"""The API's operations on saved views."""

from ninja import Router

router = Router()
