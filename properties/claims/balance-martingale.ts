/** balance-martingale */
export {};
