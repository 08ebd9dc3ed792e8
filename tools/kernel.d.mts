export declare const MODULE: string;
export declare function compiledKernel(): Promise<string>;
export declare function kept(base64: string): string;
