/** Drop-in for units that are to run whatever happens: the distribution's stay down after a few errors. */
export const alwaysRestarted = `[Unit]
StartLimitIntervalSec=0

[Service]
Restart=always
RestartSec=5
`;
