/** flatness-selection */
export {};
