"""What else sends mail in Python, each as its manual says, run by `make bench` in an environment of
its own (tools/senders.sh). Each takes a port, a number of people and a folder, and prints seconds.
"""
