"""The API's operations on secrets."""

from ninja import Router

router = Router()
