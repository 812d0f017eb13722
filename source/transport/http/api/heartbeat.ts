/**
 * While an answer is being worked on, or a stream has nothing to tell, the service lets itself be heard this often.
 * Whoever hears nothing for longer than twice this may take the line for dead.
 */
export const heartbeatMs = 5000;
