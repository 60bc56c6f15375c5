"""The platform's RPC services, one module per service: messages in, store and conductor out."""
