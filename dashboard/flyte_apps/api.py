"""The API's operations on flyte apps."""

from ninja import Router

router = Router()
