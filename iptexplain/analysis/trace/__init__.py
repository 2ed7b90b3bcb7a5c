"""What happens to a packet: the walk through all hooks and tables, with routing, connection tracking and nat around it."""
