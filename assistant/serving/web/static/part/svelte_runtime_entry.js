// How Gradio puts a custom component into its page and takes it away: ours is a function, and needs no framework.
export const mount = (part, { target, props }) => part(target, props);
export const unmount = (part) => part.leave();
