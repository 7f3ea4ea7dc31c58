"""The process in the browser: one page for each stage, changed as a draft, published with a preview, read by everybody."""
