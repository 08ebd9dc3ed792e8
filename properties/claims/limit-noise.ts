/** limit-noise */
export {};
