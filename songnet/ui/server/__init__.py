"""What stands between strangers and Gradio: the gate, tools for assistants, patches, memory."""
