"""How a journal lies on the disk: plain lines while it grows, compressed in their place once nobody writes it.

Everybody names a journal by the path of its plain file, and offsets into it count its plain bytes, wherever they lie.
"""
