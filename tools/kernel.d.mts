export declare const MODULE: string;
export declare function compiledKernel(): Promise<string>;
