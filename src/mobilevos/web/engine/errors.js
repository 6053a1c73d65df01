/** A mistake that the user can mend; its message is one clear sentence. */
export class InputError extends Error {}
