"""Stands in for MinIO's server; `server.py` tells why and how far."""
