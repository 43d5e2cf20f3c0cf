"""Handle one request: guard its route, read its body, bill it, deliver its files, notice that its client leaves."""
