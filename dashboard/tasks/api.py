"""The API's operations on tasks."""

from ninja import Router

router = Router()
