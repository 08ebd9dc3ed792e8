/** gd-limit */
export {};
