import { claims, select } from '/work/main/properties/registry.ts';
import { inspect, judge, shrinkBudget } from '/work/main/properties/judge.ts';
const file = process.argv[2] ?? '/work/main/src/perturbed.ts';
const N = Number(process.argv[3] ?? 20), seed = Number(process.argv[4] ?? 1), names = (process.argv[5] ?? '').split(',').filter(Boolean);
const mod = await import(file); const subject = inspect(mod.default ?? mod.perturbedGradientDescent);
if (subject.ownNoise) console.log('own noise');
for (const c of select(names) as any) { const v = judge(c, subject, { seed, instances: N, budget: shrinkBudget(3000) });
 console.log(v.id.padEnd(30), v.outcome.padEnd(12), String(v.instances).padStart(4), (v.leastSlack ?? NaN).toFixed(4).padStart(9), v.acceptance?.toFixed(2) ?? '', v.milliseconds + ' ms', v.reason ?? '');
 if (v.refutation) { const f: any = v.refutation.finding; console.log('   ', JSON.stringify(v.refutation.instance), typeof f === 'string' ? f : `${f.what}: ${JSON.stringify(f.lhs)} ${f.relation} ${JSON.stringify(f.rhs)} tol ${f.tolerance} viol ${f.violation}`, v.refutation.replay, v.refutation.shrinks); } }
