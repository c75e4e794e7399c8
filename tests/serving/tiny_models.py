"""`python tiny_models.py hf|gguf PATH`: a model of random weights, for a real server to load. It writes nonsense.

Run by the Python of the server's own environment: hf needs transformers and torch, gguf needs gguf and numpy. Tokens
are bytes, so that no vocabulary has to be trained.
"""

from __future__ import annotations

import sys

SPECIAL = ["<s>", "</s>", "<|im_start|>", "<|im_end|>"]
LENGTH, WIDTH, INNER, LAYERS, HEADS, SHARED_HEADS = 32768, 128, 256, 2, 4, 2
TEMPLATE = (
    "{% for m in messages %}<|im_start|>{{m['role']}}\n{{m['content']}}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


def list_bytes() -> list[str]:
    """The 256 signs that stand for bytes in byte-level vocabularies."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    rest = [value for value in range(256) if value not in plain]
    signs = {value: chr(value) for value in plain} | {value: chr(256 + at) for at, value in enumerate(rest)}
    return [signs[value] for value in range(256)]


def make_hf(path: str) -> None:
    """A folder that transformers and vLLM load."""
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    vocabulary = {token: at for at, token in enumerate([*SPECIAL, *list_bytes()])}
    tokenizer = Tokenizer(models.BPE(vocabulary, []))
    tokenizer.add_special_tokens(SPECIAL)
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token=SPECIAL[0], pad_token=SPECIAL[1], eos_token=SPECIAL[3]
    )
    fast.chat_template = TEMPLATE
    fast.save_pretrained(path)
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=len(vocabulary),
        hidden_size=WIDTH,
        intermediate_size=INNER,
        num_hidden_layers=LAYERS,
        num_attention_heads=HEADS,
        num_key_value_heads=SHARED_HEADS,
        head_dim=WIDTH // HEADS,
        max_position_embeddings=LENGTH,
        bos_token_id=0,
        pad_token_id=1,
        eos_token_id=3,
    )
    LlamaForCausalLM(config).to(torch.bfloat16).save_pretrained(path)


def make_gguf(path: str) -> None:
    """A file that llama.cpp loads."""
    import gguf
    import numpy

    tokens, head = [*SPECIAL, *list_bytes()], WIDTH // HEADS
    random = numpy.random.default_rng(0)

    def draw(*shape: int) -> numpy.ndarray:
        return (random.standard_normal(shape) * 0.02).astype(numpy.float32)

    writer = gguf.GGUFWriter(path, "llama")
    writer.add_context_length(LENGTH)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(INNER)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(SHARED_HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(head)
    writer.add_vocab_size(len(tokens))
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(tokens)
    kinds = [gguf.TokenType.CONTROL if token in SPECIAL else gguf.TokenType.NORMAL for token in tokens]
    writer.add_token_types(kinds)
    # No merge is ever possible over a sign that no text has, and a list of merges may not be empty.
    writer.add_token_merges([f"{SPECIAL[0]} {SPECIAL[1]}"])
    writer.add_bos_token_id(0)
    writer.add_eos_token_id(3)
    writer.add_chat_template(TEMPLATE)
    for name in ("token_embd", "output"):
        writer.add_tensor(f"{name}.weight", draw(len(tokens), WIDTH))
    writer.add_tensor("output_norm.weight", numpy.ones(WIDTH, numpy.float32))
    for layer in range(LAYERS):
        shapes = {
            "attn_q": (WIDTH, WIDTH),
            "attn_k": (SHARED_HEADS * head, WIDTH),
            "attn_v": (SHARED_HEADS * head, WIDTH),
            "attn_output": (WIDTH, WIDTH),
            "ffn_gate": (INNER, WIDTH),
            "ffn_up": (INNER, WIDTH),
            "ffn_down": (WIDTH, INNER),
        }
        for name, shape in shapes.items():
            writer.add_tensor(f"blk.{layer}.{name}.weight", draw(*shape))
        for name in ("attn_norm", "ffn_norm"):
            writer.add_tensor(f"blk.{layer}.{name}.weight", numpy.ones(WIDTH, numpy.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


if __name__ == "__main__":
    {"hf": make_hf, "gguf": make_gguf}[sys.argv[1]](sys.argv[2])
