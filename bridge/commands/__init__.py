"""The client half of the command line: every request of the protocol as a verb, and what goes with them.

All options, help texts and completions follow from the message declarations; a new message is a new verb.
Up to the moment something is sent, the standard library and `protocol` are enough.
"""
