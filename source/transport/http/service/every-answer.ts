/** Headers that belong to whatever the service answers: nobody keeps it, and no browser takes it for something else. */
export const everyAnswer = {'cache-control': 'no-store', 'x-content-type-options': 'nosniff'} as const;
