/** balance-rates */
export {};
