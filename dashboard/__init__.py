"""The portal: Django pages on `remote_client`, kept live over one WebSocket a page."""
