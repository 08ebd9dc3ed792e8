/** landscape */
export {};
