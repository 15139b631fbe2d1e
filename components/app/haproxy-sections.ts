/** Connections to a server that is no longer what it was end at once, so that pools reconnect to the right one. */
export const endSessions = "  default-server on-marked-down shutdown-sessions";
