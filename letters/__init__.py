"""Letters: what the office says in writing, printed, mailed and open to checking by anyone who holds one."""
