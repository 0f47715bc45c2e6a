"""Access by assistants: a server of the Model Context Protocol in a process of its own, which only reads.

It speaks to the API as any program with a token does, and imports nothing of the site: it needs the extra `assistants`.
"""
