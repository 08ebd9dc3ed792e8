/** neighbours */
export {};
