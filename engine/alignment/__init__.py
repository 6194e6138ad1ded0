"""When each word of known lyrics is sung, read off the DiT's own cross-attention.

attention -> cleaned -> path -> words.  Knows latent frames and 48 kHz samples; knows no format, beat or job.
"""
