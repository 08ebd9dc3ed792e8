/** limit-minimiser */
export {};
