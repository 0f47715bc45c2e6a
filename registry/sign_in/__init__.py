"""Signing in by somebody else's system that speaks OpenID Connect.

Only the addresses and the backend of a site with REGISTRY_OIDC_ISSUER import this: it needs the extra `oidc`.
"""
